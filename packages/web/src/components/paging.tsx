import { Button } from '@mantine/core';
import css from './paging.module.css';

/** Which part of a long list shows. Pages begin with 1; a list of one page shows nothing. */
export function Paging(props: {
  what: string;
  number: number;
  size: number;
  totalCount: number;
  isBusy?: boolean;
  onGo(number: number): void;
}) {
  const last = Math.max(1, Math.ceil(props.totalCount / props.size));
  if (last === 1) return null;
  const from = (props.number - 1) * props.size + 1;
  return (
    <nav className={css['paging']} aria-label={`Pages of ${props.what}`}>
      <Button
        variant="default"
        size="xs"
        disabled={props.number <= 1 || props.isBusy === true}
        onClick={() => props.onGo(props.number - 1)}
      >
        Newer
      </Button>
      <span role="status">
        {from} to {Math.min(props.totalCount, from + props.size - 1)} of {props.totalCount}
      </span>
      <Button
        variant="default"
        size="xs"
        disabled={props.number >= last || props.isBusy === true}
        onClick={() => props.onGo(props.number + 1)}
      >
        Older
      </Button>
    </nav>
  );
}
