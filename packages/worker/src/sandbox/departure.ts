import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Command, Departure } from './command.ts';

/**
 * The last steps before a command, in either mode: waits for the line that names its folder, goes there and becomes the
 * command (`exec`, which keeps the pid). What follows the line is the command's input: POSIX has `read` take no byte
 * beyond the line. Arguments: `merge` (standard error goes where standard output goes, in order) or `apart`, then
 * `input` or `silent`, then the command.
 */
export const departureScript = `IFS= read -r directory || exit 125
cd -- "$directory" || exit 125
unset directory OLDPWD
[ "$1" = merge ] && exec 2>&1
[ "$2" = silent ] && exec </dev/null
shift 2
exec "$@"
`;

/** How `departureScript` is told about the command. */
export function departureArguments(command: Command): string[] {
  return [
    command.captureStdoutLimitBytes === undefined ? 'merge' : 'apart',
    command.stdin === undefined ? 'silent' : 'input',
    ...command.argv,
  ];
}

/** What lets it go. Throws `invalid_request` for a folder that a line cannot name. */
export function departureInput(command: Command, departure: Departure, defaultCwd: string): Uint8Array {
  const { cwd = defaultCwd, stdin = command.stdin } = departure;
  if (/[\n\0]/.test(cwd)) throw new GatehouseError('invalid_request', 'A command cannot run in a folder of that name');
  return Buffer.concat([Buffer.from(`${cwd}\n`), stdin instanceof Uint8Array ? stdin : new Uint8Array()]);
}
