"""Effect sizes and their sampling variances, study by study."""
