import './layers.css';
import '@mantine/core/styles.layer.css';
import './tokens.css';
import './mantine-variables.css';
import './base.css';
import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { mantineTheme } from './mantine-theme.ts';

/**
 * Mantine with our tokens, and without the <style> elements that it would write into the page: the policy forbids them.
 * So `visibleFrom`, `hiddenFrom`, `lightHidden`, `darkHidden` and responsive style props (`p={{ base: 8 }}`) do not
 * work: use a CSS module.
 */
export function PageTheme({ children, scheme }: { children: ReactNode; scheme?: 'light' | 'dark' }) {
  return (
    <MantineProvider
      theme={mantineTheme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
      {...(scheme === undefined ? {} : { forceColorScheme: scheme })}
    >
      {children}
    </MantineProvider>
  );
}
