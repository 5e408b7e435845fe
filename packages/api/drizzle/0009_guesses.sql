CREATE TABLE `guesses` (
	`id` text PRIMARY KEY NOT NULL,
	`target` text NOT NULL,
	`source` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `guesses_target` ON `guesses` (`target`,`at`);--> statement-breakpoint
CREATE INDEX `guesses_source` ON `guesses` (`source`,`at`);--> statement-breakpoint
CREATE INDEX `guesses_at` ON `guesses` (`at`);--> statement-breakpoint
CREATE TABLE `known_addresses` (
	`user_id` text NOT NULL,
	`address` text NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `address`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `known_addresses_seen` ON `known_addresses` (`seen_at`);