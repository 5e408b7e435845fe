import type { PlanAction } from './read-plan.ts';

/** Sign, verb of the badge, and the words of the count. The minus is U+2212, as wide as the plus. */
export const actionWords = {
  destroy: { sign: '−', verb: 'destroy', count: 'to destroy' },
  replace: { sign: '−/+', verb: 'replace', count: 'to replace' },
  change: { sign: '~', verb: 'change', count: 'to change' },
  add: { sign: '+', verb: 'add', count: 'to add' },
  forget: { sign: '·', verb: 'forget', count: 'to forget' },
  read: { sign: '<=', verb: 'read', count: 'to read' },
} as const satisfies Record<PlanAction, { sign: string; verb: string; count: string }>;

// Terraform's closed list (jsonplan/plan.go, ResourceInstance*); a reason that is new shows as it is.
const reasons: Record<string, string> = {
  replace_because_tainted: 'tainted',
  replace_because_cannot_update: 'cannot be changed in place',
  replace_by_request: 'replacement was asked for',
  replace_by_triggers: 'triggered by another change',
  delete_because_no_resource_config: 'not in configuration',
  delete_because_wrong_repetition: 'count or for_each changed its form',
  delete_because_count_index: 'beyond count',
  delete_because_each_key: 'key no longer in for_each',
  delete_because_no_module: 'module not in configuration',
  delete_because_no_move_target: 'moved to what is not there',
  read_because_config_unknown: 'configuration is not known yet',
  read_because_dependency_pending: 'a dependency has changes pending',
};

export function reasonWords(reason: string): string {
  return reasons[reason] ?? reason.replaceAll('_', ' ');
}
