# Reference values for the meta-regression, from R: Rscript regression.R <output.json>
#
# Every estimator and test on public data sets of metadat, and on a synthetic data set made here
# with a stated seed. metafor's default thresholds are absolute and loose; these are tight. Years
# are centred, as metafor solves the normal equations and loses digits with uncentred ones.
suppressMessages(library(metafor))
out <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(out)) stop("name the output file")
tight <- list(threshold = 1e-13, maxiter = 10000, tol = 1e-13)

# ---------------------------------------------------------------- JSON, 17 significant digits
text <- function(x) {
  if (is.character(x)) return(paste0("\"", x, "\""))
  if (is.logical(x)) return(ifelse(is.na(x), "null", tolower(x)))
  ifelse(is.na(x), "null", sprintf("%.17g", x))
}
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ",\n"), "]"))
    return(paste0("{", paste0("\"", names(x), "\": ", parts, collapse = ",\n"), "}"))
  }
  if (length(x) == 1 && !inherits(x, "AsIs")) text(x) else paste0("[", paste(text(unclass(x)), collapse = ", "), "]")
}

# ---------------------------------------------------------------- data
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
dummies <- model.matrix(~ factor(alloc), dat.bcg)[, -1]
groups <- model.matrix(~ factor(alloc) - 1, dat.bcg)
raudenbush <- dat.raudenbush1985
bangert <- dat.bangertdrowns2004
set.seed(20010)
k <- 30
synthetic <- list(vi = runif(k, .02, .6), x = cbind(rnorm(k), runif(k), rbinom(k, 1, .4)))
synthetic$yi <- drop(.2 + synthetic$x %*% c(.3, -.4, .1)) + rnorm(k, 0, sqrt(synthetic$vi + .15))
sets <- list(
  bcg_ablat = list(yi = bcg$yi, vi = bcg$vi, mods = cbind(dat.bcg$ablat)),
  bcg_ablat_year = list(yi = bcg$yi, vi = bcg$vi, mods = cbind(dat.bcg$ablat, dat.bcg$year - 1960)),
  bcg_alloc = list(yi = bcg$yi, vi = bcg$vi, mods = dummies),
  bcg_alloc_groups = list(yi = bcg$yi, vi = bcg$vi, mods = groups, intercept = FALSE),
  raudenbush1985_weeks = list(yi = raudenbush$yi, vi = raudenbush$vi, mods = cbind(raudenbush$weeks)),
  bangertdrowns2004 = list(yi = bangert$yi, vi = bangert$vi,
                           mods = cbind(bangert$length, bangert$wic, bangert$feedback, bangert$info, bangert$meta)),
  synthetic = list(yi = synthetic$yi, vi = synthetic$vi, mods = synthetic$x))

# ---------------------------------------------------------------- fits
one <- function(set, method, test) {
  intercept <- is.null(set$intercept)
  fit <- suppressWarnings(rma(as.vector(set$yi), as.vector(set$vi), mods = set$mods, intercept = intercept,
                              method = method, test = test, control = tight))
  f <- test != "z"
  c(list(method = method, test = test, intercept = intercept, k = fit$k,
         coef = I(drop(fit$beta)), se = I(fit$se), statistic = I(fit$zval), p_value = I(fit$pval),
         ci_lb = I(fit$ci.lb), ci_ub = I(fit$ci.ub), covariance = I(as.vector(fit$vb)),
         qm = fit$QM, qm_df = fit$m, qm_df2 = if (f) fit$k - fit$p else NA, qm_pvalue = fit$QMp,
         qe = fit$QE, qe_df = fit$k - fit$p, qe_pvalue = fit$QEp, tau2 = fit$tau2,
         tau2_se = if (method == "FE") NA else fit$se.tau2, i2 = fit$I2, h2 = fit$H2,
         r2 = if (is.null(fit$R2)) NA else fit$R2),
    if (method == "REML") list(fitted = I(as.vector(fitted(fit))), hat = I(as.vector(hatvalues(fit)))))
}
methods <- c("FE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB")
results <- lapply(sets, function(set) list(
  yi = I(as.vector(set$yi)), vi = I(as.vector(set$vi)),
  mods = lapply(seq_len(ncol(set$mods)), function(j) I(as.numeric(set$mods[, j]))),
  fits = unlist(lapply(methods, function(m) lapply(c("z", "knha", "adhoc"), function(t) one(set, m, t))), recursive = FALSE)))
source <- list(r_version = paste(R.version$major, R.version$minor, sep = "."),
  metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
  command = "Rscript regression.R r_regression.json",
  synthetic = "set.seed(20010): k = 30, three moderators; no study of anything")
writeLines(json(list(source = source, sets = results)), out)
