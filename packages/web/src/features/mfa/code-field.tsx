import type { ClipboardEvent, KeyboardEvent, RefObject } from 'react';
import css from './code-field.module.css';
import { afterTyping, codeLength, digitCount, pastedCode } from './typed-code.ts';

export type CodeFieldProps = {
  id: string;
  describedBy: string;
  field: RefObject<HTMLInputElement | null>;
  digits: string;
  isSending: boolean;
  isRefused: boolean;
  /** Only the group that has the focus may be filled by the browser, where several stand on a page. */
  isOneTimeCode: boolean;
  onDigits(digits: string): void;
  /** A seventh digit, or a paste without exactly one code: so many digits it had. */
  onUnusable(digits: number): void;
};

const cells = Array.from({ length: codeLength }, (_, index) => index);

/** The six digits: one input, painted as six cells. */
export function CodeField(props: CodeFieldProps) {
  const { digits, isSending, onDigits, onUnusable } = props;
  // A paste is judged whole; `change` would judge what the browser made of it.
  const onPaste = (event: ClipboardEvent) => {
    event.preventDefault();
    if (isSending) return;
    const text = event.clipboardData.getData('text');
    const code = pastedCode(text);
    if (code === undefined) onUnusable(digitCount(text));
    else onDigits(code);
  };
  const onChange = (typed: string) => {
    const next = afterTyping(digits, typed);
    if (next.hasTooMany) onUnusable(digitCount(typed));
    else onDigits(next.digits);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || isSending || digits === '') return;
    event.preventDefault();
    onDigits('');
  };
  return (
    <div className={css['field']}>
      <input
        ref={props.field}
        id={props.id}
        className={css['input']}
        type="text"
        inputMode="numeric"
        autoComplete={props.isOneTimeCode ? 'one-time-code' : 'off'}
        spellCheck={false}
        aria-describedby={props.describedBy}
        aria-invalid={props.isRefused}
        readOnly={isSending}
        value={digits}
        onChange={(event) => onChange(event.currentTarget.value)}
        onPaste={onPaste}
        onKeyDown={onKeyDown}
      />
      <div className={css['cells']} aria-hidden="true">
        {cells.map((cell) => (
          <span key={cell} className={css['cell']} data-next={(!isSending && cell === digits.length) || undefined}>
            {isSending ? '•' : ''}
          </span>
        ))}
      </div>
    </div>
  );
}
