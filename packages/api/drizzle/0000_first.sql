CREATE TABLE `api_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`description` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`expires_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_tokens_token_hash_unique` ON `api_tokens` (`token_hash`);--> statement-breakpoint
CREATE INDEX `api_tokens_user` ON `api_tokens` (`user_id`);--> statement-breakpoint
CREATE TABLE `audit_records` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text,
	`at` integer NOT NULL,
	`actor_id` text,
	`actor_name` text NOT NULL,
	`action` text NOT NULL,
	`target_type` text NOT NULL,
	`target_id` text NOT NULL,
	`details` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_records_organization` ON `audit_records` (`organization`,`at`);--> statement-breakpoint
CREATE TABLE `memberships` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `memberships_once` ON `memberships` (`organization`,`user_id`);--> statement-breakpoint
CREATE INDEX `memberships_user` ON `memberships` (`user_id`);--> statement-breakpoint
CREATE TABLE `organizations` (
	`name` text PRIMARY KEY NOT NULL,
	`external_id` text NOT NULL,
	`email` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `organizations_external_id_unique` ON `organizations` (`external_id`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`password_hash` text,
	`is_site_admin` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_username_unique` ON `users` (`username`);--> statement-breakpoint
CREATE TABLE `web_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `web_sessions_token_hash_unique` ON `web_sessions` (`token_hash`);--> statement-breakpoint
CREATE INDEX `web_sessions_user` ON `web_sessions` (`user_id`);--> statement-breakpoint
CREATE TABLE `challenges` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`run_id` text NOT NULL,
	`phase` text NOT NULL,
	`state` text NOT NULL,
	`deadline_at` integer,
	`mfa_serial` text NOT NULL,
	`attempt` integer DEFAULT 0 NOT NULL,
	`tries_left` integer NOT NULL,
	`exchange_id` text,
	`exchange_started_at` integer,
	`exchange_claimed_at` integer,
	`code_fingerprint` text,
	`submitted_by` text,
	`submitted_by_name` text,
	`last_error` text,
	`last_error_at` integer,
	`aws_message` text,
	`aws_request_id` text,
	`authenticated_by` text,
	`authenticated_by_name` text,
	`authenticated_at` integer,
	`session_access_key_id` text,
	`session_expires_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`submitted_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`authenticated_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `challenges_phase` ON `challenges` (`run_id`,`phase`);--> statement-breakpoint
CREATE INDEX `challenges_open` ON `challenges` (`state`,`deadline_at`);--> statement-breakpoint
CREATE INDEX `challenges_organization` ON `challenges` (`organization`,`state`);--> statement-breakpoint
CREATE INDEX `challenges_exchange` ON `challenges` (`exchange_id`);--> statement-breakpoint
CREATE INDEX `challenges_authenticated` ON `challenges` (`authenticated_at`);--> statement-breakpoint
CREATE TABLE `lane_pauses` (
	`lane` text PRIMARY KEY NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` text NOT NULL,
	`kind` text NOT NULL,
	`payload` text NOT NULL,
	`created_at` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outbox_run` ON `outbox` (`run_id`,`sequence`);--> statement-breakpoint
CREATE TABLE `run_history` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` text NOT NULL,
	`event` text NOT NULL,
	`from_status` text,
	`to_status` text NOT NULL,
	`at` integer NOT NULL,
	`by` text NOT NULL,
	`reason` text,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `run_history_run` ON `run_history` (`run_id`,`sequence`);--> statement-breakpoint
CREATE INDEX `run_history_at` ON `run_history` (`at`,`from_status`,`to_status`);--> statement-breakpoint
CREATE TABLE `run_phases` (
	`run_id` text NOT NULL,
	`phase` text NOT NULL,
	`id` text NOT NULL,
	`outcome` text,
	`claim_id` text,
	`worker_id` text,
	`queued_at` integer,
	`started_at` integer,
	`last_seen_at` integer,
	`ended_at` integer,
	`has_changes` integer,
	`resource_additions` integer,
	`resource_changes` integer,
	`resource_destructions` integer,
	`resource_imports` integer,
	`has_plan_json` integer DEFAULT false NOT NULL,
	`log_archived_at` integer,
	`log_size_bytes` integer,
	PRIMARY KEY(`run_id`, `phase`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `run_phases_id_unique` ON `run_phases` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `run_phases_claim_id_unique` ON `run_phases` (`claim_id`);--> statement-breakpoint
CREATE INDEX `run_phases_worker` ON `run_phases` (`worker_id`);--> statement-breakpoint
CREATE INDEX `run_phases_ended` ON `run_phases` (`ended_at`);--> statement-breakpoint
CREATE TABLE `runs` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`organization` text NOT NULL,
	`workspace_id` text NOT NULL,
	`configuration_version_id` text NOT NULL,
	`status` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`end_reason` text,
	`end_message` text,
	`message` text DEFAULT '' NOT NULL,
	`source` text DEFAULT 'tfe-api' NOT NULL,
	`is_destroy` integer DEFAULT false NOT NULL,
	`refresh` integer DEFAULT true NOT NULL,
	`refresh_only` integer DEFAULT false NOT NULL,
	`plan_only` integer DEFAULT false NOT NULL,
	`auto_apply` integer DEFAULT false NOT NULL,
	`target_addrs` text NOT NULL,
	`replace_addrs` text NOT NULL,
	`mfa_level` text NOT NULL,
	`terraform_version` text NOT NULL,
	`working_directory` text NOT NULL,
	`mfa_serial` text,
	`role_arn` text,
	`plan_session_policy` text,
	`session_duration_seconds` integer NOT NULL,
	`aws_delivery` text NOT NULL,
	`sealed_variables` text NOT NULL,
	`created_by` text,
	`created_by_name` text NOT NULL,
	`created_at` integer NOT NULL,
	`confirmed_by` text,
	`cancel_requested_at` integer,
	`cancel_requested_by` text,
	`force_canceled_at` integer,
	`ended_at` integer,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`configuration_version_id`) REFERENCES `configuration_versions`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`confirmed_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `runs_id_unique` ON `runs` (`id`);--> statement-breakpoint
CREATE INDEX `runs_workspace` ON `runs` (`workspace_id`,`sequence`);--> statement-breakpoint
CREATE INDEX `runs_organization_status` ON `runs` (`organization`,`status`,`sequence`);--> statement-breakpoint
CREATE INDEX `runs_status` ON `runs` (`status`,`sequence`);--> statement-breakpoint
CREATE INDEX `runs_ended` ON `runs` (`ended_at`);--> statement-breakpoint
CREATE INDEX `runs_created` ON `runs` (`created_at`);--> statement-breakpoint
CREATE TABLE `spent_codes` (
	`mfa_serial` text NOT NULL,
	`fingerprint` text NOT NULL,
	`spent_at` integer NOT NULL,
	`spent_by_name` text NOT NULL,
	`run_id` text NOT NULL,
	PRIMARY KEY(`mfa_serial`, `fingerprint`)
);
--> statement-breakpoint
CREATE TABLE `workers` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`version` text NOT NULL,
	`concurrency` integer NOT NULL,
	`sandbox` text NOT NULL,
	`draining` integer NOT NULL,
	`drain_requested_by` text,
	`drain_requested_at` integer,
	`first_seen_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `configuration_versions` (
	`id` text PRIMARY KEY NOT NULL,
	`workspace_id` text NOT NULL,
	`status` text DEFAULT 'pending' NOT NULL,
	`error_message` text,
	`speculative` integer DEFAULT false NOT NULL,
	`auto_queue_runs` integer DEFAULT false NOT NULL,
	`provisional` integer DEFAULT false NOT NULL,
	`size_bytes` integer,
	`created_by` text,
	`created_at` integer NOT NULL,
	`uploaded_at` integer,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `configuration_versions_workspace` ON `configuration_versions` (`workspace_id`,`id`);--> statement-breakpoint
CREATE TABLE `state_version_outputs` (
	`id` text PRIMARY KEY NOT NULL,
	`state_version_id` text NOT NULL,
	`name` text NOT NULL,
	`detailed_type` text NOT NULL,
	`sensitive` integer NOT NULL,
	`sealed_value` text NOT NULL,
	FOREIGN KEY (`state_version_id`) REFERENCES `state_versions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `state_version_outputs_version` ON `state_version_outputs` (`state_version_id`);--> statement-breakpoint
CREATE TABLE `state_versions` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`workspace_id` text NOT NULL,
	`run_id` text,
	`created_by` text,
	`serial` integer NOT NULL,
	`lineage` text NOT NULL,
	`md5` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`terraform_version` text NOT NULL,
	`resource_count` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `state_versions_id_unique` ON `state_versions` (`id`);--> statement-breakpoint
CREATE INDEX `state_versions_workspace` ON `state_versions` (`workspace_id`,`sequence`);--> statement-breakpoint
CREATE INDEX `state_versions_run` ON `state_versions` (`run_id`);--> statement-breakpoint
CREATE TABLE `variables` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`workspace_id` text,
	`key` text NOT NULL,
	`category` text NOT NULL,
	`sealed_value` text NOT NULL,
	`sensitive` integer DEFAULT false NOT NULL,
	`hcl` integer DEFAULT false NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`updated_by` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`updated_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `variables_once_in_workspace` ON `variables` (`workspace_id`,`category`,`key`);--> statement-breakpoint
CREATE UNIQUE INDEX `variables_once_in_organization` ON `variables` (`organization`,`category`,`key`) WHERE "variables"."workspace_id" is null;--> statement-breakpoint
CREATE TABLE `workspaces` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`mfa_level` text DEFAULT 'never' NOT NULL,
	`auto_apply` integer DEFAULT false NOT NULL,
	`execution_mode` text DEFAULT 'remote' NOT NULL,
	`terraform_version` text DEFAULT 'latest' NOT NULL,
	`working_directory` text DEFAULT '' NOT NULL,
	`role_arn` text,
	`plan_session_policy` text,
	`session_duration_seconds` integer DEFAULT 3600 NOT NULL,
	`aws_delivery` text DEFAULT 'endpoint' NOT NULL,
	`locked_by` text,
	`lock_reason` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`locked_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `workspaces_name` ON `workspaces` (`organization`,`name`);