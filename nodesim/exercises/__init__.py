"""EXERCISES: sheets for pen and paper whose numbers come out short, their keys, and marking that follows errors through."""
