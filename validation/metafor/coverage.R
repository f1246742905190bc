# Exact coverage of intervals for a proportion, by enumeration with R's own intervals.
# Usage: Rscript coverage.R <output.json>
# Clopper-Pearson: binom.test; Wilson without and with continuity correction: prop.test; Jeffreys:
# qbeta; Wald and Agresti-Coull: their formulas. Coverage at p is the sum of dbinom over the counts
# whose interval holds p. Values of p lie off the limits of all intervals.
output <- commandArgs(trailingOnly = TRUE)[1]
z <- qnorm(0.975)
limits <- list(
  "clopper-pearson" = function(x, n) binom.test(x, n)$conf.int,
  "wilson" = function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int),
  "wilson-cc" = function(x, n) suppressWarnings(prop.test(x, n, p = 0.5, correct = TRUE)$conf.int),
  "jeffreys" = function(x, n) c(if (x == 0) 0 else qbeta(0.025, x + 0.5, n - x + 0.5),
                                if (x == n) 1 else qbeta(0.975, x + 0.5, n - x + 0.5)),
  "wald" = function(x, n) x / n + c(-1, 1) * z * sqrt(x / n * (1 - x / n) / n),
  "agresti-coull" = function(x, n) {
    p <- (x + z^2 / 2) / (n + z^2)
    p + c(-1, 1) * z * sqrt(p * (1 - p) / (n + z^2))
  })
sizes <- c(5, 10, 20, 50, 100)
shares <- c(0.005, 0.0137, 0.0519, 0.1063, 0.2371, 0.3779, 0.5)
numbers <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
# prop.test corrects counts within 1/2 of n / 2 by less than 1/2; their intervals hold the same p here.
parts <- sapply(names(limits), function(name) {
  rows <- sapply(sizes, function(n) {
    ends <- sapply(0:n, function(x) limits[[name]](x, n))
    numbers(sapply(shares, function(p) sum(dbinom(0:n, n, p)[ends[1, ] <= p & p <= ends[2, ]])))
  })
  paste0("\"", name, "\": [", paste(rows, collapse = ",\n"), "]")
})
writeLines(paste0("{\"source\": {\"what\": \"exact coverage of intervals for a proportion\",\n",
  "\"command\": \"Rscript validation/metafor/coverage.R tests/reference/r_coverage.json\",\n",
  "\"r_version\": \"", R.version$major, ".", R.version$minor, "\"},\n",
  "\"n\": ", numbers(sizes), ",\n\"p\": ", numbers(shares), ",\n",
  "\"coverage\": {", paste(parts, collapse = ",\n"), "}}"), output)
