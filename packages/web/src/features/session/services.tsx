import { createContext, type ReactNode, useContext } from 'react';
import type { Api, Fetch } from '../../api-client/api.ts';
import type { ServerClock } from '../../api-client/server-clock.ts';

/** What reaches out of the page. Tests give their own. */
export type Services = { api: Api; fetch: Fetch; clock: ServerClock };

const ServicesContext = createContext<Services | undefined>(undefined);

export function ServicesProvider({ services, children }: { services: Services; children: ReactNode }) {
  return <ServicesContext value={services}>{children}</ServicesContext>;
}

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('A component that fetches stands outside of ServicesProvider.');
  return services;
}
