import { defineDataset, defineRule, type Rule, type RuleFinding, typed } from "assay/plugin";

/* example */
