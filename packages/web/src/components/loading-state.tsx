import css from './page-states.module.css';

/** `what`: a short noun, as in "Loading the run". Shows after 0.3 s. */
export function LoadingState({ what }: { what: string }) {
  return (
    <div className={css['loading']} role="status">
      <span className={css['ring']} aria-hidden />
      Loading {what}
    </div>
  );
}
