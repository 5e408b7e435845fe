import { createTheme, defaultVariantColorsResolver, type VariantColorsResolver } from '@mantine/core';

const onFill: Record<string, string> = { red: 'var(--gh-on-bad)' };

// Mantine writes white on every filled button, which is unreadable on the light fills of the dark theme.
const variantColorResolver: VariantColorsResolver = (input) => {
  const resolved = defaultVariantColorsResolver(input);
  if (input.variant !== 'filled') return resolved;
  return { ...resolved, color: onFill[input.color ?? 'blue'] ?? 'var(--gh-on-action)' };
};

/** What of Mantine is decided in script; its colours and sizes stand in `mantine-variables.css`. */
export const mantineTheme = createTheme({
  primaryColor: 'blue',
  respectReducedMotion: true,
  cursorType: 'pointer',
  variantColorResolver,
});
