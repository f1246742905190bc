# The tasks of stats.py with metafor, for as long as lines "task calls" arrive on standard input.
# Each line is answered by one: seconds per call, then the answer. Argument: folder of the data.
suppressPackageStartupMessages(library(metafor))
folder <- commandArgs(trailingOnly = TRUE)[1]
data <- list()
for (file in list.files(folder, "[.]csv$")) {
  data[[sub("[.]csv$", "", file)]] <-
    unname(as.matrix(read.csv(file.path(folder, file), header = FALSE)))
}
column <- function(name, j = 1) data[[name]][, j]
many <- function(y, v, columns, method) {
  sapply(seq_len(columns), function(j) {
    tryCatch(rma(column(y, j), column(v, j), method = method)$beta[1], error = function(e) NA)
  })
}
bcg <- function(measure) {
  t <- data$bcg
  escalc(measure, ai = t[, 1], n1i = t[, 2], ci = t[, 3], n2i = t[, 4])
}
subsets6 <- function(method) {
  fit <- rma(column("y20")[1:6], column("v20")[1:6], method = method)
  sort(gosh(fit, progbar = FALSE)$res$estimate)
}
fit50 <- rma(column("y50"), column("v50"))
fit13 <- rma(column("y13"), column("v13"))
moderated <- rma(column("y13"), column("v13"), mods = column("x13"))

tasks <- list(
  escalc13 = function() unlist(bcg("RR")),
  escalc1000 = function() {
    t <- data$tables
    unlist(escalc("RR", ai = t[, 1], n1i = t[, 2], ci = t[, 3], n2i = t[, 4]))
  },
  dl13 = function() {
    f <- rma(column("y13"), column("v13"), method = "DL"); c(f$beta[1], f$se, f$tau2)
  },
  reml13 = function() { f <- rma(column("y13"), column("v13")); c(f$beta[1], f$se, f$tau2) },
  qp13 = function() confint(fit13)$random[1, 2:3],
  mh13 = function() {
    t <- data$bcg
    f <- rma.mh(ai = t[, 1], n1i = t[, 2], ci = t[, 3], n2i = t[, 4], measure = "OR")
    c(f$beta[1], f$se)
  },
  regression13 = function() {
    f <- rma(column("y13"), column("v13"), mods = column("x13")); c(f$beta, f$se)
  },
  regression50 = function() {
    f <- rma(column("y50"), column("v50"), mods = data$x50); c(f$beta, f$se)
  },
  reml1000 = function() many("y13n", "v13n", 50, "REML"),
  loo50 = function() leave1out(fit50)$estimate,
  cumulative50 = function() cumul(fit50)$estimate,
  influence50 = function() influence(fit50)$inf$cook.d,
  dl100000 = function() many("y10n", "v10n", 100, "DL"),
  reml100000 = function() many("y10n", "v10n", 100, "REML"),
  permutation = function() {
    permutest(moderated, iter = 100, progbar = FALSE)
    moderated$zval
  },
  goshce = function() {
    gosh(rma(column("y20"), column("v20"), method = "FE"), subsets = 500, progbar = FALSE); 0
  },
  goshreml = function() {
    gosh(rma(column("y20"), column("v20")), subsets = 200, progbar = FALSE); 0
  },
  goshce6 = function() subsets6("FE"),
  goshreml6 = function() subsets6("REML"),
  trim50 = function() { f <- trimfill(fit50); c(f$k0, f$beta[1]) },
  egger50 = function() { f <- regtest(fit50, model = "lm"); c(f$zval, f$pval) },
  reml2000 = function() { f <- rma(column("y2000"), column("v2000")); c(f$beta[1], f$se, f$tau2) }
)

cat("metafor", as.character(packageVersion("metafor")), "on R", as.character(getRversion()), "\n")
flush(stdout())
requests <- file("stdin", "r")
while (length(line <- readLines(requests, 1)) == 1) {
  part <- strsplit(line, " ")[[1]]
  task <- tasks[[part[1]]]
  calls <- as.integer(part[2])
  set.seed(1)
  start <- Sys.time()
  for (i in seq_len(calls)) answer <- suppressWarnings(task())
  seconds <- as.numeric(difftime(Sys.time(), start, units = "secs")) / calls
  cat(sprintf("%.17g", c(seconds, answer)), "\n")
  flush(stdout())
}
