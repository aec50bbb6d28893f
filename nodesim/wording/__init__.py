"""WORDING: the texts that are not the field's but a reader's own, in languages: one table, English its keys."""
