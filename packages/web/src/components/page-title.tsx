import { createContext, useContext, useEffect } from 'react';

/** How many runs wait for me; every title but that of a run's own page begins with it. */
export const WaitingCountContext = createContext(0);

/** The tab's title: the most telling first, such as `Code needed · network-prod · Gatehouse`. No running seconds. */
export function PageTitle({ parts, isCounted = true }: { parts: readonly string[]; isCounted?: boolean }) {
  const waiting = useContext(WaitingCountContext);
  const title = [...parts, 'Gatehouse'].join(' · ');
  useEffect(() => {
    document.title = isCounted && waiting > 0 ? `(${waiting}) ${title}` : title;
  }, [title, isCounted, waiting]);
  return null;
}
