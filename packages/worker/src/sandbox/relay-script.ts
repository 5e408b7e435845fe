import type { Command } from './command.ts';
import { maxTunnels } from './connect-proxy.ts';
import { departureArguments, departureScript } from './departure.ts';
import type { Relayed } from './endpoints.ts';

/**
 * Connections at the same time through one relayed port, each a process of the run, so that it cannot use up those
 * alone. Further ones wait without a word, so that they are more than the proxy carries: it says why it refuses.
 */
const maxConnections = maxTunnels + 32;
/** Not yet accepted. Of more that come at once the kernel drops the first packet, and they wait a second; socat's own is 5. */
const maxWaiting = 256;
/** Looks for a listening port, about 0.1 ms each: socat needs 6 ms, while starting `sleep` takes 3. After them it waits. */
const quickLooks = 150;
/** About ten seconds in all. */
const maxLooks = 1_000;

/**
 * Runs inside, before the command: serves the run's loopback ports from its unix sockets, waits until they listen, and
 * departs. The command keeps pid 2 and can be interrupted. Socat is started from a subshell, to be the reaper's child
 * and not the command's. Hostile code can only kill its own relay. A shell that ends without having become the command,
 * because its worker is gone, ends the relay too: bwrap's pid 1 would wait for it.
 */
export const relayScript = `#!/bin/sh
trap 'kill -9 -1' EXIT
(
  trap - EXIT
  while [ "$1" != -- ]; do
    case $1 in */*/*)
      rest=\${1#*/}
      socat "TCP-LISTEN:\${1%%/*},bind=127.0.0.1,fork,reuseaddr,max-children=${maxConnections},backlog=${maxWaiting}" \\
        "UNIX-CONNECT:/run/gatehouse/\${rest#*/}" </dev/null >/dev/null 2>&1 &
    esac
    shift
  done
)
listens() {
  while read -r _ local _ state _; do
    [ "$local" = "0100007F:$1" ] && [ "$state" = 0A ] && return 0
  done </proc/net/tcp
  return 1
}
while [ "$1" != -- ]; do
  rest=\${1#*/}
  tries=0
  until listens "\${rest%%/*}"; do
    tries=$((tries + 1))
    [ "$tries" -gt ${maxLooks} ] && { echo 'gatehouse: the relay did not start' >&2; exit 125; }
    [ "$tries" -gt ${quickLooks} ] && sleep 0.01
  done
  shift
done
shift
unset rest tries
${departureScript}`;

/** The script's arguments: `port/port in hexadecimal/socket`, since sh cannot convert, and the departure's. */
export function relayArguments(relayed: readonly Relayed[], command: Command): string[] {
  const ports = relayed.map(
    ({ port, socket }) => `${port}/${port.toString(16).toUpperCase().padStart(4, '0')}/${socket}`,
  );
  return [...ports, '--', ...departureArguments(command)];
}
