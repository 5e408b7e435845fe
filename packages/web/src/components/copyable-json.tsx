import { CopyButton } from './copy-button.tsx';
import css from './copyable-json.module.css';

/** JSON to paste elsewhere, such as a policy into IAM. `what`: a short noun, as in "Copy trust policy". */
export function CopyableJson({ value, what }: { value: object; what: string }) {
  const text = JSON.stringify(value, undefined, 2);
  return (
    <div className={css['block']}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls what does not fit. */}
      <section className={css['text']} aria-label={what} tabIndex={0}>
        <pre>{text}</pre>
      </section>
      <div>
        <CopyButton text={text} what={what} />
      </div>
    </div>
  );
}
