CREATE TABLE `comments` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`run_id` text NOT NULL,
	`history_sequence` integer,
	`body` text NOT NULL,
	`created_by` text,
	`created_by_name` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `comments_id_unique` ON `comments` (`id`);--> statement-breakpoint
CREATE INDEX `comments_run` ON `comments` (`run_id`,`sequence`);--> statement-breakpoint
CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`is_default` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `projects_name` ON `projects` (`organization`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `projects_default` ON `projects` (`organization`) WHERE "projects"."is_default" = 1;--> statement-breakpoint
CREATE TABLE `tag_bindings` (
	`id` text PRIMARY KEY NOT NULL,
	`tag_id` text NOT NULL,
	`workspace_id` text,
	`project_id` text,
	`value` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`tag_id`) REFERENCES `tags`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tag_bindings_workspace` ON `tag_bindings` (`workspace_id`,`tag_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `tag_bindings_project` ON `tag_bindings` (`project_id`,`tag_id`);--> statement-breakpoint
CREATE INDEX `tag_bindings_tag` ON `tag_bindings` (`tag_id`);--> statement-breakpoint
CREATE TABLE `tags` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`name` text NOT NULL,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tags_name` ON `tags` (`organization`,`name`);--> statement-breakpoint
ALTER TABLE `runs` ADD `allow_empty_apply` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `sealed_own_variables` text;--> statement-breakpoint
ALTER TABLE `configuration_versions` ADD `archived_at` integer;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `project_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `allow_destroy_plan` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `source` text DEFAULT 'tfe-api' NOT NULL;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `source_name` text;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `source_url` text;--> statement-breakpoint
CREATE INDEX `workspaces_project` ON `workspaces` (`project_id`);
--> statement-breakpoint
INSERT INTO `projects` (`id`, `organization`, `name`, `description`, `is_default`, `created_at`, `updated_at`)
SELECT 'prj-' || substr(replace(lower(hex(randomblob(16))), '0', 'g'), 1, 22), `name`, 'Default Project', '', 1, `created_at`, `created_at` FROM `organizations`;
--> statement-breakpoint
UPDATE `workspaces` SET `project_id` = (SELECT `projects`.`id` FROM `projects` WHERE `projects`.`organization` = `workspaces`.`organization` AND `projects`.`is_default` = 1);
