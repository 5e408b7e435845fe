CREATE TABLE `announced_states` (
	`id` text PRIMARY KEY NOT NULL,
	`workspace_id` text NOT NULL,
	`status` text DEFAULT 'pending' NOT NULL,
	`error_message` text,
	`same_as` text,
	`created_by` text NOT NULL,
	`run_id` text,
	`serial` integer NOT NULL,
	`md5` text NOT NULL,
	`lineage` text,
	`force` integer NOT NULL,
	`intermediate` integer NOT NULL,
	`has_json` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `announced_states_workspace` ON `announced_states` (`workspace_id`,`created_at`);--> statement-breakpoint
ALTER TABLE `state_versions` ADD `resources` text;--> statement-breakpoint
ALTER TABLE `state_versions` ADD `intermediate` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `state_versions` ADD `has_json` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `state_versions` ADD `rollback_of` text;