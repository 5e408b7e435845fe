/** Rules of projects and tags, each with the sentence that is told when it is broken. */
export const projectName = {
  pattern: /^[A-Za-z0-9_-][A-Za-z0-9 _-]{1,38}[A-Za-z0-9_-]$/,
  rule: 'Name may only contain letters, numbers, spaces, hyphens and underscores; it has 3 to 40 of them, no space at an end.',
} as const;

/** Commas part the tags of a search, so no tag has one. */
export const tagName = {
  pattern: /^[\p{L}\p{N}](?:[\p{L}\p{N} _.:/=+@-]{0,126}[\p{L}\p{N}])?$/u,
  rule: 'A tag has 1 to 128 letters, numbers, spaces and _.:/=+@-, with a letter or a number at both ends.',
} as const;

export const tagValueRule = 'The value of a tag has at most 256 characters.';
export const longestTagValue = 256;

/** HCP Terraform takes ten with values; words alone come on top there, and here they are the same thing. */
export const mostTags = 25;

/** A tag as people name it: a key, with a value or (empty) without. */
export type Tag = { key: string; value: string };

/** What is sought: bears the key, and with `value` this value. */
export type TagFilter = { key: string; value: string | undefined };
