import { useEffect } from 'react';

/** By form, not by colour alone. The pictures are prebuilt, in `public/favicons/`. */
export const faviconStates = ['gate', 'waits', 'refused', 'works', 'done'] as const;
export type FaviconState = (typeof faviconStates)[number];

export function Favicon({ state }: { state: FaviconState }) {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    link?.setAttribute('href', `/favicons/${state}.svg`);
  }, [state]);
  return null;
}
