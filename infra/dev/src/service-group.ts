import type { Service } from './service.ts';

/** Who uses another ends before it: workers, then the api, then what both stand on. */
const floors = ['workers', 'api', 'foundations'] as const;
type Floor = (typeof floors)[number];

export type ServiceGroup = {
  add(service: Service, floor: Floor): Service;
  /** Ends one that is to be replaced; `isKilled`: by SIGKILL. */
  dismiss(service: Service, isKilled?: boolean): Promise<void>;
  /** Resolves, with a sentence, when a service ended that nobody asked to. */
  failed: Promise<string>;
  stopAll(): Promise<void>;
  /** At once, for a person who does not want to wait. */
  killAll(): void;
};

/** Without one of them the others may wait for it in vain; this is still enough for terraform to save its state. */
const brokenGraceMs = 15_000;

/** `graceMs`: how long each service has from SIGTERM to SIGKILL while all is well. */
export function createServiceGroup(graceMs: number): ServiceGroup {
  const all = new Set<Service>();
  /** Those whose end would be a failure. */
  const members = new Map<Service, Floor>();
  let tellFailure: (sentence: string) => void = () => undefined;
  let isBroken = false;
  const failed = new Promise<string>((resolve) => {
    tellFailure = resolve;
  });
  return {
    failed,
    add(service, floor) {
      all.add(service);
      members.set(service, floor);
      void service.exited.then((how) => {
        if (!members.has(service)) return;
        isBroken = true;
        tellFailure(`${how}. Its log is ${service.logFile}`);
      });
      return service;
    },
    async dismiss(service, isKilled = false) {
      members.delete(service);
      await (isKilled ? service.kill() : service.stop(graceMs));
    },
    async stopAll() {
      const leaving = [...members];
      members.clear();
      const patienceMs = isBroken ? Math.min(graceMs, brokenGraceMs) : graceMs;
      for (const floor of floors) {
        await Promise.all(leaving.filter(([, of]) => of === floor).map(([service]) => service.stop(patienceMs)));
      }
    },
    killAll() {
      for (const service of all) void service.kill();
    },
  };
}
