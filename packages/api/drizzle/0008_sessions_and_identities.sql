CREATE TABLE `aws_checks` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`state` text NOT NULL,
	`subject` text NOT NULL,
	`sealed_identity` text,
	`findings` text,
	`requested_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`finished_at` integer,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `aws_checks_created` ON `aws_checks` (`created_at`);--> statement-breakpoint
CREATE TABLE `aws_identities` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`user_id` text NOT NULL,
	`access_key_id` text NOT NULL,
	`sealed_secret_access_key` text NOT NULL,
	`mfa_serial` text NOT NULL,
	`arn` text NOT NULL,
	`created_at` integer NOT NULL,
	`checked_at` integer NOT NULL,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `aws_identities_once` ON `aws_identities` (`organization`,`user_id`);--> statement-breakpoint
CREATE TABLE `role_trusts` (
	`organization` text NOT NULL,
	`role_arn` text NOT NULL,
	`access_key_id` text NOT NULL,
	`tags` integer NOT NULL,
	`source_identity` integer NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`organization`, `role_arn`, `access_key_id`),
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `phase_notes` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run_id` text NOT NULL,
	`phase` text NOT NULL,
	`lines` text NOT NULL,
	`is_extended` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `phase_notes_phase` ON `phase_notes` (`run_id`,`phase`,`sequence`);--> statement-breakpoint
DROP INDEX `challenges_phase`;--> statement-breakpoint
ALTER TABLE `challenges` ADD `extension` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `challenges` ADD `aws_identity_id` text;--> statement-breakpoint
CREATE UNIQUE INDEX `challenges_phase` ON `challenges` (`run_id`,`phase`,`extension`);--> statement-breakpoint
ALTER TABLE `run_phases` ADD `session_access_key_id` text;--> statement-breakpoint
ALTER TABLE `run_phases` ADD `session_expires_at` integer;--> statement-breakpoint
ALTER TABLE `run_phases` ADD `session_stops_at` integer;--> statement-breakpoint
ALTER TABLE `run_phases` ADD `session_asks_at` integer;--> statement-breakpoint
ALTER TABLE `run_phases` ADD `session_revoked_at` integer;--> statement-breakpoint
ALTER TABLE `run_phases` ADD `session_revoked_by` text;--> statement-breakpoint
CREATE INDEX `run_phases_asks` ON `run_phases` (`session_asks_at`);--> statement-breakpoint
ALTER TABLE `runs` ADD `plan_policy_arns` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `session_duration_automatic` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `role_max_session_seconds` integer;--> statement-breakpoint
ALTER TABLE `runs` ADD `accepted_identities` text DEFAULT 'organization' NOT NULL;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `role_max_session_seconds` integer;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `plan_policy_arns` text;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `session_duration_automatic` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `accepted_identities` text DEFAULT 'organization' NOT NULL;--> statement-breakpoint
UPDATE `workspaces` SET `session_duration_automatic` = (`session_duration_seconds` = 3600);
