CREATE TABLE `team_members` (
	`team_id` text NOT NULL,
	`membership_id` text NOT NULL,
	PRIMARY KEY(`team_id`, `membership_id`),
	FOREIGN KEY (`team_id`) REFERENCES `teams`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`membership_id`) REFERENCES `memberships`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `team_members_membership` ON `team_members` (`membership_id`);--> statement-breakpoint
CREATE TABLE `teams` (
	`id` text PRIMARY KEY NOT NULL,
	`organization` text NOT NULL,
	`name` text NOT NULL,
	`visibility` text NOT NULL,
	`sso_team_id` text,
	`allow_member_token_management` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`organization`) REFERENCES `organizations`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `teams_name` ON `teams` (`organization`,`name`);--> statement-breakpoint
DROP INDEX `users_username_unique`;--> statement-breakpoint
ALTER TABLE `users` ADD `email` text;--> statement-breakpoint
ALTER TABLE `users` ADD `service_of` text;--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_service_of_unique` ON `users` (`service_of`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_username` ON `users` (`username`) WHERE "users"."service_of" is null;
--> statement-breakpoint
INSERT INTO `teams` (`id`, `organization`, `name`, `visibility`, `sso_team_id`, `allow_member_token_management`, `created_at`)
SELECT 'team-' || substr(`external_id`, 5), `name`, 'owners', 'secret', NULL, 0, `created_at` FROM `organizations`;
