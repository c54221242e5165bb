# Background services of ./up and ./down: start, find again, stop. Sourced, never run.
# A service is a process in its own session with $home/run/NAME.pid ("pid start-time", so that a reused pid is never
# mistaken for it) and $home/log/NAME.log.
home=${STRATUS_HOME:-$root/var}
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf '\033[1;31m%s\033[0m\n' "$*" >&2; exit 1; }

start_time_of() { awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null || true; }

service_pid() { # NAME -> its pid, when it runs
    local pid started
    read -r pid started 2>/dev/null <"$home/run/$1.pid" || return 1
    [ -n "$started" ] && [ "$(start_time_of "$pid")" = "$started" ] || return 1
    echo "$pid"
}

# Succeeds at the first line behind byte FROM that matches; fails when the process ends or a minute passes.
wait_for_line() { # PID LOG FROM PATTERN
    local lines follower found=1
    exec {lines}< <(exec timeout 60 tail -c "+$3" --pid="$1" -s 0.1 -F "$2" 2>/dev/null)
    follower=$!
    grep -qm1 -E -- "$4" <&"$lines" && found=0
    kill "$follower" 2>/dev/null || true
    exec {lines}<&-
    return $found
}

start_service() { # NAME READY-PATTERN COMMAND...; returns when the log shows the pattern
    local name=$1 ready=$2 pid log from
    shift 2
    log=$home/log/$name.log
    mkdir -p "$home/run" "$home/log"
    if pid=$(service_pid "$name"); then
        echo "    $name is already running (pid $pid)"
        return
    fi
    touch "$log"
    from=$(($(wc -c <"$log") + 1))
    setsid "$@" >>"$log" 2>&1 </dev/null &
    pid=$!
    disown
    echo "$pid $(start_time_of "$pid")" >"$home/run/$name.pid"
    wait_for_line "$pid" "$log" "$from" "$ready" || {
        tail -n 5 "$log" >&2
        fail "$name did not start; its log is $log"
    }
    echo "    $name (pid $pid)"
}

stop_service() { # NAME
    local pid
    if pid=$(service_pid "$1"); then
        kill -TERM "$pid" 2>/dev/null || true
        timeout 15 tail --pid="$pid" -f /dev/null || kill -KILL "$pid" 2>/dev/null || true
        echo "    $1 stopped"
    fi
    rm -f "$home/run/$1.pid"
}
