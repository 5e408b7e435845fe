import type { Access } from './access.ts';

/**
 * Who may ask what: the one table. What is not in it nobody may ask, and a route that is not in it fails the suite. Who the
 * words are stands in access.ts. `*` at the end of a path: whatever a library registers below it.
 */
export const allowed: Record<Access, string> = {
  anyone: `
    GET /api/v2/docs*
    GET /api/v2/openapi.json
    GET /healthz
    GET /readyz
    GET /.well-known/terraform.json
    POST /oauth/token
    GET /api/v2/ping
  `,
  'nobody without a password': `
    POST /api/v2/session
  `,
  'nobody without the secret of the path': `
    GET /api/v2/logs/:capability
    PUT /api/v2/uploads/configuration-versions/:capability
    PUT /api/v2/uploads/state-versions/:capability
    PUT /api/v2/uploads/state-versions-json/:capability
    GET /*
  `,
  'who is signed in': `
    GET /api/v2/account/details
    PATCH /api/v2/account/password
    GET,DELETE /api/v2/session
    GET /api/v2/account/sessions
    GET /api/v2/organizations
    GET /api/v2/mfa-challenges
  `,
  people: `
    PATCH /api/v2/account/update
    GET /api/v2/account/aws-identities
  `,
  'the page': `
    POST /api/v2/oauth/authorizations
  `,
  herself: `
    DELETE /api/v2/account/sessions/:id
    GET,POST /api/v2/users/:id/authentication-tokens
    GET,DELETE /api/v2/authentication-tokens/:id
  `,
  'herself, and no token': `
    GET /api/v2/aws-checks/:id
    DELETE /api/v2/account/aws-identities/:id
  `,
  'herself and site admins': `
    PATCH /api/v2/users/:id
  `,
  members: `
    GET /api/v2/users/:id
    GET /api/v2/organizations/:organization
    GET /api/v2/organizations/:organization/entitlement-set
    GET /api/v2/organizations/:organization/organization-memberships
    GET /api/v2/organization-memberships/:id
    GET /api/v2/organizations/:organization/teams
    GET /api/v2/teams/:id
    GET /api/v2/organizations/:organization/projects
    GET /api/v2/projects/:id
    GET /api/v2/organizations/:organization/workspaces
    GET /api/v2/workspaces/:id
    GET /api/v2/organizations/:organization/workspaces/:name
    GET /api/v2/workspaces/:id/relationships/remote-state-consumers
    GET /api/v2/workspaces/:id/aws-session
    GET /api/v2/workspaces/:id/relationships/tags
    GET /api/v2/workspaces/:id/tag-bindings
    GET /api/v2/workspaces/:id/effective-tag-bindings
    GET /api/v2/projects/:id/tag-bindings
    GET /api/v2/projects/:id/effective-tag-bindings
    GET /api/v2/organizations/:organization/tags
    POST /api/v2/workspaces/:id/actions/lock
    POST /api/v2/workspaces/:id/actions/unlock
    GET /api/v2/workspaces/:id/vars
    GET /api/v2/organizations/:organization/vars
    GET /api/v2/varsets/:variableSet/relationships/vars
    GET /api/v2/workspaces/:id/vars/:variable
    GET /api/v2/organizations/:organization/vars/:variable
    GET /api/v2/varsets/:variableSet/relationships/vars/:variable
    GET /api/v2/vars/:variable
    GET /api/v2/workspaces/:id/all-vars
    GET /api/v2/organizations/:organization/varsets
    GET /api/v2/workspaces/:id/varsets
    GET /api/v2/varsets/:id
    GET /api/v2/workspaces/:id/notification-configurations
    GET /api/v2/notification-configurations/:id
    GET /api/v2/workspaces/:id/configuration-versions
    GET /api/v2/configuration-versions/:id
    GET /api/v2/configuration-versions/:id/download
    GET /api/v2/runs/:id/configuration-version/download
    GET /api/v2/runs/:id
    GET /api/v2/workspaces/:id/runs
    GET /api/v2/organizations/:organization/runs
    GET /api/v2/organizations/:organization/runs/queue
    GET /api/v2/organizations/:organization/capacity
    GET /api/v2/runs/:id/run-events
    GET /api/v2/run-events/:id
    GET,POST /api/v2/runs/:id/comments
    GET /api/v2/comments/:id
    GET /api/v2/plans/:id
    GET /api/v2/plans/:id/json-output-redacted
    GET /api/v2/plans/:id/json-output
    GET /api/v2/applies/:id
    POST /api/v2/organizations/:organization/actions/authenticate
    GET /api/v2/organizations/:organization/mfa-challenges
    GET /api/v2/workspaces/:id/current-state-version
    GET,POST /api/v2/workspaces/:id/state-versions
    GET /api/v2/state-versions
    GET /api/v2/state-versions/:id
    GET /api/v2/state-versions/:id/download
    GET /api/v2/state-versions/:id/json-download
    GET /api/v2/applies/:id/errored-state
    GET /api/v2/workspaces/:id/current-state-version-outputs
    GET /api/v2/state-versions/:id/outputs
    GET /api/v2/state-version-outputs/:id
    GET /api/v2/runs/:id/logs/:phase
    GET /api/v2/runs/:id/logs/:phase/sections
    GET /api/v2/events
  `,
  'members who are people': `
    POST /api/v2/account/aws-identities
  `,
  'members, but no organization token': `
    POST /api/v2/workspaces/:id/configuration-versions
    POST /api/v2/runs
    POST /api/v2/runs/:id/actions/apply
    POST /api/v2/runs/:id/actions/discard
    POST /api/v2/runs/:id/actions/cancel
    POST /api/v2/runs/:id/actions/authenticate
  `,
  owners: `
    GET /api/v2/organizations/:organization/aws-identities
    PATCH,DELETE /api/v2/organizations/:organization
    POST /api/v2/organizations/:organization/organization-memberships
    PATCH /api/v2/organization-memberships/:id
    POST /api/v2/organizations/:organization/teams
    PATCH,DELETE /api/v2/teams/:id
    POST,DELETE /api/v2/teams/:id/relationships/users
    POST,DELETE /api/v2/teams/:id/relationships/organization-memberships
    POST,GET,DELETE /api/v2/teams/:id/authentication-token
    POST,GET /api/v2/teams/:id/authentication-tokens
    GET /api/v2/organizations/:organization/team-tokens
    POST,GET,DELETE /api/v2/organizations/:organization/authentication-token
    GET /api/v2/organizations/:organization/audit-records
    POST /api/v2/organizations/:organization/projects
    PATCH,DELETE /api/v2/projects/:id
    POST /api/v2/projects/:id/relationships/workspaces
    POST /api/v2/organizations/:organization/workspaces
    PATCH,DELETE /api/v2/workspaces/:id
    POST /api/v2/workspaces/:id/actions/safe-delete
    PATCH,DELETE /api/v2/organizations/:organization/workspaces/:name
    POST /api/v2/organizations/:organization/workspaces/:name/actions/safe-delete
    POST,PATCH,DELETE /api/v2/workspaces/:id/relationships/remote-state-consumers
    POST,DELETE /api/v2/workspaces/:id/relationships/tags
    PATCH /api/v2/workspaces/:id/tag-bindings
    PATCH /api/v2/projects/:id/tag-bindings
    DELETE /api/v2/organizations/:organization/tags
    POST /api/v2/tags/:id/relationships/workspaces
    POST /api/v2/workspaces/:id/actions/force-unlock
    POST /api/v2/workspaces/:id/vars
    POST /api/v2/organizations/:organization/vars
    POST /api/v2/varsets/:variableSet/relationships/vars
    PATCH,DELETE /api/v2/workspaces/:id/vars/:variable
    PATCH,DELETE /api/v2/organizations/:organization/vars/:variable
    PATCH,DELETE /api/v2/varsets/:variableSet/relationships/vars/:variable
    PATCH,DELETE /api/v2/vars/:variable
    POST /api/v2/organizations/:organization/varsets
    PATCH,PUT,DELETE /api/v2/varsets/:id
    POST,DELETE /api/v2/varsets/:id/relationships/workspaces
    POST /api/v2/workspaces/:id/notification-configurations
    PATCH,DELETE /api/v2/notification-configurations/:id
    POST /api/v2/notification-configurations/:id/actions/verify
    POST /api/v2/configuration-versions/:id/actions/archive
    PATCH /api/v2/workspaces/:id/state-versions
  `,
  'owners and who leaves': `
    DELETE /api/v2/organization-memberships/:id
  `,
  'owners, but no organization token': `
    POST /api/v2/runs/:id/actions/force-cancel
    POST /api/v2/runs/:id/actions/force-execute
    POST /api/v2/runs/:id/actions/revoke-session
  `,
  'owners who are people': `
    POST /api/v2/organizations/:organization/aws-checks
  `,
  'owners of any organization, and site admins': `
    GET /api/v2/queue
    GET /api/v2/workers
  `,
  'site admins': `
    POST /api/v2/users
    POST /api/v2/organizations
    POST /api/v2/queue/actions/pause
    POST /api/v2/queue/actions/resume
    POST /api/v2/workers/:id/actions/drain
    POST /api/v2/workers/:id/actions/resume
  `,
  'site admins on the page': `
    ANY /queue-raw*
  `,
  workers: `
    POST /api/worker/v1/workers/:workerId/heartbeat
    POST /api/worker/v1/challenges/:challengeId/claim
    POST /api/worker/v1/aws-checks/:checkId/claim
    POST /api/worker/v1/runs/:runId/phases/:phase/claim
  `,
  'the plan': `
    GET /api/worker/v1/runs/:runId/configuration
    GET /api/worker/v1/runs/:runId/state
    PUT /api/worker/v1/runs/:runId/plan-artifact
    PUT /api/worker/v1/runs/:runId/plan-json
    PUT /api/worker/v1/runs/:runId/provider-schemas
  `,
  'the apply': `
    GET /api/worker/v1/runs/:runId/plan-artifact
  `,
  'the apply, also when it was ended': `
    PUT /api/worker/v1/runs/:runId/state
  `,
};
