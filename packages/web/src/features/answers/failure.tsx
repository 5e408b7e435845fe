import { Notice } from '../../components/notice.tsx';
import { failureWords } from './failure-words.ts';

/** Why something that was asked for was not done; nothing where `error` is null. */
export function Failure({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  const { title, detail } = failureWords(error);
  return (
    <Notice tone="bad" title={title} role="alert">
      {detail}
    </Notice>
  );
}
