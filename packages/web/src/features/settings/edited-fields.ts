import { useState } from 'react';

export type EditedFields<Fields extends object> = {
  /** What the form shows: what is saved, with what was typed over it. */
  fields: Fields;
  /** Only what differs from what was saved when the typing began. */
  changes: Partial<Fields>;
  isEdited: boolean;
  /** Somebody saved something else meanwhile; what was typed is kept until it is loaded. */
  isOutdated: boolean;
  set(changes: Partial<Fields>): void;
  /** Drops what was typed and shows what is saved. */
  load(): void;
  /** What was typed is saved now, as this: it is what the form begins with again. */
  saved(saved: Fields, version: number): void;
};

/**
 * A form over something that others may change. News never overwrites what a person typed: an untouched form follows
 * them, a touched one says that there are some. `version` rises with every save by anybody.
 */
export function useEditedFields<Fields extends object>(saved: Fields, version: number): EditedFields<Fields> {
  const [base, setBase] = useState({ saved, version });
  const [draft, setDraft] = useState<Partial<Fields>>({});
  const changes = changedOnly(base.saved, draft);
  const isEdited = Object.keys(changes).length > 0;
  const isNew = version > base.version;
  if (isNew && !isEdited) setBase({ saved, version });
  return {
    fields: { ...base.saved, ...draft },
    changes,
    isEdited,
    isOutdated: isNew && isEdited,
    set: (more) => setDraft((old) => ({ ...old, ...more })),
    load: () => {
      setDraft({});
      setBase({ saved, version });
    },
    saved: (newlySaved, newVersion) => {
      setDraft({});
      setBase({ saved: newlySaved, version: newVersion });
    },
  };
}

function changedOnly<Fields extends object>(saved: Fields, draft: Partial<Fields>): Partial<Fields> {
  // Fields are plain values or lists of them; a list that holds the same is the same.
  const isChanged = (name: string) =>
    JSON.stringify(Reflect.get(draft, name)) !== JSON.stringify(Reflect.get(saved, name));
  // Object.fromEntries forgets that the names and values are those of the draft.
  return Object.fromEntries(Object.entries(draft).filter(([name]) => isChanged(name))) as Partial<Fields>;
}
