CREATE TABLE `notification_configurations` (
	`id` text PRIMARY KEY NOT NULL,
	`workspace_id` text NOT NULL,
	`organization` text NOT NULL,
	`name` text NOT NULL,
	`destination_type` text NOT NULL,
	`enabled` integer NOT NULL,
	`triggers` text NOT NULL,
	`sealed_url` text NOT NULL,
	`sealed_token` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `notification_configurations_workspace` ON `notification_configurations` (`workspace_id`);--> statement-breakpoint
CREATE TABLE `notification_deliveries` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`configuration_id` text NOT NULL,
	`run_id` text NOT NULL,
	`trigger` text NOT NULL,
	`status` text NOT NULL,
	`at` integer NOT NULL,
	`by` text,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL,
	FOREIGN KEY (`configuration_id`) REFERENCES `notification_configurations`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notification_deliveries_id_unique` ON `notification_deliveries` (`id`);--> statement-breakpoint
CREATE INDEX `notification_deliveries_due` ON `notification_deliveries` (`configuration_id`,`due_at`);--> statement-breakpoint
CREATE TABLE `notification_responses` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`configuration_id` text NOT NULL,
	`code` integer,
	`successful` integer NOT NULL,
	`sent_at` integer NOT NULL,
	`sealed_answer` text NOT NULL,
	FOREIGN KEY (`configuration_id`) REFERENCES `notification_configurations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `notification_responses_configuration` ON `notification_responses` (`configuration_id`,`sequence`);--> statement-breakpoint
CREATE TABLE `variable_set_workspaces` (
	`variable_set_id` text NOT NULL,
	`workspace_id` text NOT NULL,
	PRIMARY KEY(`variable_set_id`, `workspace_id`),
	FOREIGN KEY (`variable_set_id`) REFERENCES `variable_sets`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `variable_set_workspaces_workspace` ON `variable_set_workspaces` (`workspace_id`);--> statement-breakpoint
CREATE TABLE `variable_sets` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`global` integer DEFAULT false NOT NULL,
	`priority` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `variable_sets_name` ON `variable_sets` (`organization`,`name`);--> statement-breakpoint
DROP INDEX `variables_once_in_organization`;--> statement-breakpoint
ALTER TABLE `variables` ADD `variable_set_id` text REFERENCES variable_sets(id);--> statement-breakpoint
CREATE UNIQUE INDEX `variables_once_in_set` ON `variables` (`variable_set_id`,`category`,`key`);--> statement-breakpoint
CREATE UNIQUE INDEX `variables_once_in_organization` ON `variables` (`organization`,`category`,`key`) WHERE "variables"."workspace_id" is null and "variables"."variable_set_id" is null;