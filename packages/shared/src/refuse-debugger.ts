/**
 * Node answers SIGUSR1 with its debugger on a loopback port, where every user of the machine may read the process's
 * secrets; other daemons are sent it after their logs were moved. A listener takes the signal from Node.
 */
export function refuseDebugger(warn: (message: string) => void): void {
  process.on('SIGUSR1', () => warn('SIGUSR1 does nothing: a debugger would lay open the secrets of this process'));
}
