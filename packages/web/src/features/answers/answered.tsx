import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isApiError } from '../../api-client/api-error.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingState } from '../../components/loading-state.tsx';
import { failureWords } from './failure-words.ts';

/** What a query answered, or that it is on its way, or why it did not come. Old answers stay while a new one fails. */
export function Answered<Data>(props: {
  query: UseQueryResult<Data>;
  /** A short noun: "the runs". */
  what: string;
  children(data: Data): ReactNode;
}) {
  const { query } = props;
  if (query.data !== undefined) return props.children(query.data);
  if (query.isError) {
    if (isApiError(query.error, 'not_found')) {
      return (
        <EmptyState
          title="Nothing here, or not for you."
          body="Check the address, or ask an owner of the organization to make you a member."
        />
      );
    }
    const { title, detail } = failureWords(query.error);
    return <ErrorState title={title} detail={detail} onRetry={() => void query.refetch()} />;
  }
  return <LoadingState what={props.what} />;
}
