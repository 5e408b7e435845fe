import type { ReactNode } from 'react';
import css from './data-table.module.css';

export type Column<Row> = {
  head: string;
  cell(row: Row): ReactNode;
  /**
   * On a phone, where a row becomes a card: `title` leads it, `end` holds its buttons, `bare` speaks for itself; the
   * others stand beside the name of their column.
   */
  place?: 'title' | 'end' | 'bare';
  isNumber?: boolean;
};

/**
 * Rows and columns; on a phone each row is a card. The roles are written out, since the layout of a phone would
 * otherwise take the table's meaning away.
 */
export function DataTable<Row>(props: {
  /** What the rows are, for those who do not see it. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  isCompact?: boolean;
}) {
  const { columns } = props;
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: see above.
    <table className={css['table']} role="table" aria-label={props.label} data-compact={props.isCompact || undefined}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ head, place, isNumber }) => (
            <th key={head} role="columnheader" scope="col" data-number={isNumber || undefined}>
              {place === 'end' ? <span className="gh-visually-hidden">{head}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.rows.map((row) => (
          <tr key={props.rowKey(row)} role="row" data-row={props.rowKey(row)}>
            {columns.map(({ head, cell, place, isNumber }) => (
              <td key={head} role="cell" data-place={place} data-number={isNumber || undefined}>
                {place === undefined && (
                  <span className={css['cardHead']} aria-hidden>
                    {head}
                  </span>
                )}
                <div className={css['content']}>{cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    // biome-ignore-end lint/a11y/noRedundantRoles: see above.
  );
}
