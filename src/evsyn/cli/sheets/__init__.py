"""What each verb found, as a table for people."""
