import { useEffect } from 'react';

/** The tab's title: the most telling first, such as `Code needed · network-prod · Gatehouse`. No running seconds. */
export function PageTitle({ parts, waiting = 0 }: { parts: readonly string[]; waiting?: number }) {
  const title = [...parts, 'Gatehouse'].join(' · ');
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) ${title}` : title;
  }, [title, waiting]);
  return null;
}
