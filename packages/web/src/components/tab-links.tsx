import { NavLink } from 'react-router';
import css from './tab-links.module.css';

/** Pages that belong together. They are addresses, so they are links and not an ARIA tab list. */
export function TabLinks({ label, tabs }: { label: string; tabs: readonly { to: string; words: string }[] }) {
  return (
    <nav className={css['tabs']} aria-label={label}>
      {tabs.map(({ to, words }) => (
        <NavLink key={to} to={to} end className={css['tab'] ?? ''}>
          {words}
        </NavLink>
      ))}
    </nav>
  );
}
