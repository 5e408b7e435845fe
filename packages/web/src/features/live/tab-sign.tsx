import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { Favicon, type FaviconState } from '../../components/favicon.tsx';

const TabSignContext = createContext<(sign: FaviconState | undefined) => void>(() => {});

/** The tab's icon: what the open page says of itself, else whether anything waits for me. */
export function TabSignProvider({ waiting, children }: { waiting: number; children: ReactNode }) {
  const [sign, setSign] = useState<FaviconState | undefined>(undefined);
  return (
    <TabSignContext value={setSign}>
      <Favicon state={sign ?? (waiting > 0 ? 'waits' : 'gate')} />
      {children}
    </TabSignContext>
  );
}

/** What the page that uses it shows in the tab; undefined: nothing of its own. */
export function useTabSign(sign: FaviconState | undefined): void {
  const setSign = useContext(TabSignContext);
  useEffect(() => setSign(sign), [setSign, sign]);
  useEffect(() => () => setSign(undefined), [setSign]);
}
