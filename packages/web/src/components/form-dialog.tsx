import { Button } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import css from './form-dialog.module.css';

/** Asks for something over the page. The browser's own modal: the focus stays inside, Escape closes. */
export function FormDialog(props: {
  title: string;
  children: ReactNode;
  /** A verb. */
  action: string;
  keep?: string;
  isBusy?: boolean;
  isOff?: boolean;
  onSubmit(): void;
  onClose(): void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    dialog.current?.showModal();
    // The first field, not the first button: showModal would also take a link in the words above it.
    dialog.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  }, []);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (props.isBusy !== true && props.isOff !== true) props.onSubmit();
  };
  return (
    <dialog ref={dialog} className={css['dialog']} aria-labelledby={titleId} onClose={props.onClose}>
      <form className={css['form']} onSubmit={onSubmit}>
        <h2 id={titleId}>{props.title}</h2>
        {props.children}
        <div className={css['buttons']}>
          <Button variant="default" onClick={props.onClose}>
            {props.keep ?? 'Close'}
          </Button>
          <Button type="submit" loading={props.isBusy === true} disabled={props.isOff === true}>
            {props.action}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
