ALTER TABLE `runs` ADD `save_plan` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `planned_state_version_id` text;--> statement-breakpoint
ALTER TABLE `runs` ADD `structured_output` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `workspaces` ADD `structured_output` integer DEFAULT false NOT NULL;