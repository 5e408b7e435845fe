import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { PageTheme } from '../src/theme/page-theme.tsx';
import { Codes } from './codes.tsx';
import css from './gallery.module.css';
import { Logs } from './logs.tsx';
import { Runs } from './runs.tsx';
import { States } from './states.tsx';

const query = new URLSearchParams(window.location.search);
const scheme = query.get('scheme') === 'dark' ? 'dark' : 'light';
const shown = query.get('show');
const sections = {
  runs: <Runs />,
  codes: <Codes />,
  states: <States />,
  logs: <Logs lines={Number(query.get('lines'))} />,
};

createRoot(document.getElementById('root') ?? document.body).render(
  <StrictMode>
    <PageTheme scheme={scheme}>
      <main className={css['gallery']}>
        <h1>Gallery</h1>
        {Object.entries(sections)
          .filter(([name]) => shown === null || shown === name)
          .map(([name, section]) => (
            <section key={name} aria-label={name}>
              {section}
            </section>
          ))}
      </main>
    </PageTheme>
  </StrictMode>,
);
