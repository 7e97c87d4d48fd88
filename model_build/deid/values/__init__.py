"""What stands in the slots of templates: identifiers of each type, and what only looks like one."""
