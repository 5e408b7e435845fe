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