#!/usr/bin/env bash
# virtual_audio.sh - a private PulseAudio with a virtual speaker and a virtual microphone.
#   eval "$(./virtual_audio.sh start [DIR])"   start in DIR (default: fresh mktemp -d), print exports
#   ./virtual_audio.sh env  DIR                print exports again
#   ./virtual_audio.sh status DIR
#   ./virtual_audio.sh stop [DIR]              (DIR defaults to $VAUDIO_DIR)
#   ./virtual_audio.sh loop DB [DIR]           couple the speaker back into the mic at DB decibels (an echo of about 75 ms)
#   ./virtual_audio.sh unloop [DIR]            take that away again
# Play a WAV into the mic with: paplay --device=micsink FILE; hear the speaker with: parec -d speaker.monitor
# Needs Debian's pulseaudio, pulseaudio-utils and libasound2-plugins.
# Tunables: VAUDIO_RATE (48000), VAUDIO_CHANNELS (1), VAUDIO_RESAMPLE (speex-float-5)
set -euo pipefail

RATE=${VAUDIO_RATE:-48000}
CH=${VAUDIO_CHANNELS:-1}
RESAMPLE=${VAUDIO_RESAMPLE:-speex-float-5}

die() { echo "virtual_audio: $*" >&2; exit 1; }

emit_env() {
  local d=$1
  printf 'export VAUDIO_DIR=%q\n' "$d"
  printf 'export XDG_RUNTIME_DIR=%q\n' "$d/xdg"
  printf 'export PULSE_RUNTIME_PATH=%q\n' "$d/xdg/pulse"
  printf 'export PULSE_SERVER=%q\n' "unix:$d/native"
  printf 'export PULSE_COOKIE=%q\n' "$d/cookie"
  printf 'export PULSE_CLIENTCONFIG=%q\n' "$d/client.conf"
  printf 'export ALSA_CONFIG_PATH=%q\n' "$d/asound.conf"
  printf 'export PULSE_SINK=speaker\nexport PULSE_SOURCE=mic\n'
}

alive() { [[ -s $1/pulse.pid ]] && running "$(<"$1/pulse.pid")"; }

start() {
  local d=${1:-}
  [[ -n $d ]] || d=$(mktemp -d /tmp/vaudio.XXXXXX)
  mkdir -p "$d/xdg/pulse" "$d/home" "$d/state"; d=$(cd "$d" && pwd)
  chmod 700 "$d" "$d/xdg" "$d/xdg/pulse"
  (( ${#d} < 90 )) || die "directory path too long for a unix socket: $d"
  if alive "$d"; then emit_env "$d"; return; fi
  rm -f "$d/native" "$d/pulse.pid"
  head -c 256 /dev/urandom > "$d/cookie"; chmod 600 "$d/cookie"

  # the server script: nothing but what we need, loaded with -n (no default.pa, no udev, no dbus)
  cat > "$d/server.pa" <<PA
.fail
load-module module-native-protocol-unix auth-anonymous=1 auth-cookie-enabled=0 socket=$d/native
load-module module-null-sink sink_name=speaker norewinds=1 rate=$RATE channels=$CH sink_properties=device.description=VirtualSpeaker
load-module module-null-sink sink_name=micsink norewinds=1 rate=$RATE channels=$CH sink_properties=device.description=VirtualMicFeed
load-module module-remap-source source_name=mic master=micsink.monitor source_properties=device.description=VirtualMic
set-default-sink speaker
set-default-source mic
PA
  cat > "$d/daemon.conf" <<DC
daemonize = no
exit-idle-time = -1
flat-volumes = no
high-priority = no
realtime-scheduling = no
enable-shm = no
enable-memfd = no
default-sample-format = s16le
default-sample-rate = $RATE
alternate-sample-rate = $RATE
default-sample-channels = $CH
resample-method = $RESAMPLE
DC
  cat > "$d/client.conf" <<CC
autospawn = no
enable-shm = no
CC
  # a complete ALSA config: replaces alsa.conf, so no card probing and no "ALSA lib" noise
  cat > "$d/asound.conf" <<'AC'
pcm.default {
    type pulse
    hint { show on  description "Virtual audio (PulseAudio)" }
}
ctl.default { type pulse }
AC
  # own session (setsid): survives the calling shell, never gets its SIGINT; daemonize=no keeps the pid known
  # --use-pid-file=no: our own pid file is authoritative, no clash with another daemon of this user
  env -i PATH="$PATH" HOME="$d/home" LANG=C.UTF-8 XDG_RUNTIME_DIR="$d/xdg" \
      PULSE_RUNTIME_PATH="$d/xdg/pulse" PULSE_STATE_PATH="$d/state" PULSE_CONFIG="$d/daemon.conf" \
      setsid pulseaudio -n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --disallow-exit \
             --disable-shm=yes --log-target=file:"$d/pulse.log" -F "$d/server.pa" \
      </dev/null >"$d/pulse.out" 2>&1 &
  echo $! > "$d/pulse.pid"
  disown
  local i
  for i in $(seq 100); do
    if [[ -S $d/native ]] && PULSE_SERVER="unix:$d/native" PULSE_COOKIE="$d/cookie" PULSE_CLIENTCONFIG="$d/client.conf" \
         pactl get-default-source 2>/dev/null | grep -qx mic; then emit_env "$d"; return; fi
    alive "$d" || { cat "$d/pulse.out" "$d/pulse.log" >&2 2>/dev/null; die "pulseaudio died"; }
    sleep 0.05
  done
  cat "$d/pulse.log" >&2; stop "$d"; die "pulseaudio did not become ready in 5 s"
}

# a process that has ended but is not yet waited for does not run
running() { [[ -r /proc/$1/status ]] && ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" 2>/dev/null; }

stop() {
  local d=${1:-${VAUDIO_DIR:-}}; [[ -n $d ]] || die "stop: which directory?"
  d=$(cd "$d" 2>/dev/null && pwd) || return 0
  [[ -s $d/pulse.pid ]] || return 0
  local p; p=$(<"$d/pulse.pid")
  # only our daemon: the pid must still be a pulseaudio that runs our script
  if cat "/proc/$p/cmdline" 2>/dev/null | tr '\0' ' ' | grep -qF -- "$d/server.pa"; then
    kill -TERM "$p" 2>/dev/null || true
    for _ in $(seq 100); do running "$p" || break; sleep 0.02; done
    if running "$p"; then kill -KILL "$p"; fi
  fi
  rm -f "$d/pulse.pid" "$d/native"
  # remove what start made with mktemp
  [[ $d == /tmp/vaudio.* ]] && rm -rf "$d" || true
}

loop() {
  local db=$1 d=${2:-${VAUDIO_DIR:?}} module input
  eval "$(emit_env "$d")"
  module=$(pactl load-module module-loopback source=speaker.monitor sink=micsink latency_msec=60 \
                 source_dont_move=true sink_dont_move=true)
  for _ in $(seq 40); do
    # the loopback's own stream, not one that somebody else plays
    input=$(pactl list sink-inputs | awk -v m="$module" \
      '/^Sink Input #/ {id=substr($3, 2)} /Owner Module:/ && $3 == m {print id}')
    [[ -n $input ]] && break
    sleep 0.05
  done
  [[ -n $input ]] || die "the loopback did not come up in 2 s"
  pactl set-sink-input-volume "$input" "${db}dB"
}

unloop() {
  local d=${1:-${VAUDIO_DIR:?}}
  eval "$(emit_env "$d")"
  pactl unload-module module-loopback
}

case ${1:-} in
  loop)   loop "${2:?DB}" "${3:-}" ;;
  unloop) unloop "${2:-}" ;;
  start)  start "${2:-}" ;;
  stop)   stop "${2:-}" ;;
  env)    emit_env "${2:?DIR}" ;;
  status) if alive "${2:-${VAUDIO_DIR:?}}"; then echo running; else echo stopped; exit 3; fi ;;
  *) sed -n '2,12p' "$0"; exit 2 ;;
esac
