import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';

// Long enough to be seen and heard.
const shownMs = 2_000;

/** Puts `text` on the clipboard. Where the browser does not allow it, as over plain http, it says so. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'ready' | 'copied' | 'refused'>('ready');
  useEffect(() => {
    if (state !== 'copied') return;
    const timer = setTimeout(() => setState('ready'), shownMs);
    return () => clearTimeout(timer);
  }, [state]);
  const onCopy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      setState('refused');
    }
  };
  const words = { ready: `Copy ${what}`, copied: 'Copied', refused: 'Select it and copy by hand' };
  return (
    <>
      <Button
        variant="default"
        leftSection={state === 'copied' ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
        onClick={() => void onCopy()}
      >
        {words[state]}
      </Button>
      <span className="gh-visually-hidden" role="status">
        {state === 'ready' ? '' : words[state]}
      </span>
    </>
  );
}
