CREATE TABLE `run_counts` (
	`workspace_id` text NOT NULL,
	`organization` text NOT NULL,
	`plan_only` integer NOT NULL,
	`status` text NOT NULL,
	`runs` integer NOT NULL,
	PRIMARY KEY(`workspace_id`, `plan_only`, `status`, `organization`),
	FOREIGN KEY (`workspace_id`) REFERENCES `workspaces`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `run_counts_organization` ON `run_counts` (`organization`,`status`);--> statement-breakpoint
CREATE INDEX `runs_workspace_status` ON `runs` (`workspace_id`,`status`,`sequence`);--> statement-breakpoint
CREATE INDEX `runs_organization` ON `runs` (`organization`,`sequence`);--> statement-breakpoint
CREATE INDEX `runs_status_ended` ON `runs` (`status`,`ended_at`);--> statement-breakpoint
INSERT INTO `run_counts` (`workspace_id`, `organization`, `plan_only`, `status`, `runs`)
	SELECT `workspace_id`, `organization`, `plan_only`, `status`, count(*) FROM `runs` GROUP BY 1, 2, 3, 4;
--> statement-breakpoint
CREATE TRIGGER `run_counts_insert` AFTER INSERT ON `runs` BEGIN
	insert into run_counts (workspace_id, organization, plan_only, status, runs)
	values (new.workspace_id, new.organization, new.plan_only, new.status, 1)
	on conflict (workspace_id, plan_only, status, organization) do update set runs = runs + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `run_counts_update` AFTER UPDATE OF `workspace_id`, `organization`, `plan_only`, `status` ON `runs` BEGIN
	update run_counts set runs = runs - 1
	where workspace_id = old.workspace_id and plan_only = old.plan_only and status = old.status and organization = old.organization;
	insert into run_counts (workspace_id, organization, plan_only, status, runs)
	values (new.workspace_id, new.organization, new.plan_only, new.status, 1)
	on conflict (workspace_id, plan_only, status, organization) do update set runs = runs + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `run_counts_delete` AFTER DELETE ON `runs` BEGIN
	update run_counts set runs = runs - 1
	where workspace_id = old.workspace_id and plan_only = old.plan_only and status = old.status and organization = old.organization;
END;
