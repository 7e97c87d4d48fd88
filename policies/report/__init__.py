"""The report on what the policy pack recorded: one result model, written as HTML and as JSON."""
