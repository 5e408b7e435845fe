import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import css from './confirm-dialog.module.css';

export type ConfirmDialogProps = {
  /** Names the object and what happens to it: "Cancel this apply of network-prod". */
  title: string;
  /** The effect, and what cannot be undone. */
  children: ReactNode;
  /** A verb, such as "Cancel this apply". */
  action: string;
  /** A verb too, such as "Keep it running". The focus starts here. */
  keep: string;
  isDestructive?: boolean;
  /** Must be typed exactly; the server checks it as well. */
  nameToType?: string;
  /** Why it cannot be done any more, such as that the run went on meanwhile. */
  blockedBecause?: string | undefined;
  isBusy?: boolean;
  /** `typedName`: empty where none was asked for. */
  onConfirm(typedName: string): void;
  onClose(): void;
};

/** Asks before what cannot be undone. It is the browser's own modal: focus stays inside, Escape keeps things as they are. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { nameToType, blockedBecause, isBusy = false } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const safe = useRef<HTMLButtonElement>(null);
  const [typedName, setTypedName] = useState('');
  const titleId = useId();
  const bodyId = useId();
  const isOff = blockedBecause !== undefined || (nameToType !== undefined && typedName !== nameToType);

  useEffect(() => {
    dialog.current?.showModal();
    safe.current?.focus();
  }, []);

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!isOff && !isBusy) props.onConfirm(typedName);
  };
  return (
    <dialog
      ref={dialog}
      className={css['dialog']}
      role="alertdialog"
      aria-labelledby={titleId}
      aria-describedby={bodyId}
      onClose={props.onClose}
    >
      <form className={css['form']} onSubmit={onSubmit}>
        <h2 id={titleId}>{props.title}</h2>
        <div id={bodyId}>{props.children}</div>
        {nameToType !== undefined && (
          <TextInput
            label={
              <>
                Type <code>{nameToType}</code>
              </>
            }
            value={typedName}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => setTypedName(event.currentTarget.value)}
          />
        )}
        {blockedBecause !== undefined && (
          <p className={css['note']} role="status">
            {blockedBecause}
          </p>
        )}
        <div className={css['buttons']}>
          <Button ref={safe} variant="default" onClick={props.onClose}>
            {props.keep}
          </Button>
          <Button type="submit" color={props.isDestructive ? 'red' : 'blue'} disabled={isOff} loading={isBusy}>
            {props.action}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
