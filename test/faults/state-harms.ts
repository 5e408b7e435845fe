import type { EndReason } from '@gatehouse/shared/end-reasons';

/** What becomes of the state file while terraform applies, and what the workspace has afterwards. */
export type StateHarm = {
  name: string;
  /** bash that runs when the real apply has ended, before its stand-in ends with the same exit code. */
  script: string;
  holds: string;
  ends: { status: string; reason: EndReason; message?: RegExp };
  /** Where a person finds the state that was refused. */
  kept?: 'on the worker' | 'on the worker and at the api';
  isChosen?: boolean;
};

const unreadable = {
  status: 'errored',
  reason: 'state_unavailable',
  message: /left no state that can be read/,
} as const;
const refused = {
  status: 'errored',
  reason: 'state_unavailable',
  message: /keeps it as run-\w+\.errored\.tfstate/,
} as const;
const goodStays = 'the good state stays the current one; the run ends as `state_unavailable` and says so';
const keptAside = `${goodStays}; the refused one is kept for a person`;

export const stateHarms: readonly StateHarm[] = [
  {
    name: 'is cut in the middle of a write',
    script: 'head -c 200 "$state" >/tmp/half; cat /tmp/half >"$state"',
    holds: goodStays,
    ends: unreadable,
    isChosen: true,
  },
  {
    name: 'becomes something else than JSON',
    script: 'echo "{ rubbish" >"$state"',
    holds: goodStays,
    ends: unreadable,
  },
  { name: 'becomes JSON that is no state', script: 'echo "[1, 2]" >"$state"', holds: goodStays, ends: unreadable },
  { name: 'is removed', script: 'rm "$state"', holds: goodStays, ends: unreadable },
  {
    name: "becomes a link to a file of the worker's machine",
    script: 'rm "$state"; ln -s /etc/passwd "$state"',
    holds: goodStays,
    ends: unreadable,
  },
  {
    name: 'becomes a pipe that nobody writes to',
    script: 'rm "$state"; mkfifo "$state"',
    holds: goodStays,
    ends: unreadable,
  },
  {
    name: 'goes back to an earlier serial',
    script: `sed -i 's/"serial": *[0-9]*/"serial": 0/' "$state"`,
    holds: keptAside,
    ends: refused,
    kept: 'on the worker and at the api',
  },
  {
    name: 'gets another lineage',
    script: `sed -i 's/"lineage": *"[^"]*"/"lineage": "another"/' "$state"`,
    holds: keptAside,
    ends: refused,
    kept: 'on the worker and at the api',
  },
  {
    name: 'grows to 100 MB',
    script: `lineage=$(sed -n 's/.*"lineage": *"\\([^"]*\\)".*/\\1/p' "$state")
{ printf '{"version":4,"terraform_version":"1.11.0","serial":99,"lineage":"%s","resources":[],"outputs":{"large":{"type":"string","value":"' "$lineage"; head -c 104857600 /dev/zero | tr '\\0' x; printf '"}}}'; } >"$state"`,
    holds: keptAside,
    ends: refused,
    kept: 'on the worker',
  },
  {
    name: 'is cut for seconds, then whole again',
    script: 'cp "$state" /tmp/whole; head -c 200 /tmp/whole >"$state"; sleep 5; cat /tmp/whole >"$state"',
    holds: 'the whole one is stored, the cut one never; the run is applied',
    ends: { status: 'applied', reason: 'applied' },
  },
];
