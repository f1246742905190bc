# Reference values for influence diagnostics, from R: Rscript influence.R <output.json>
#
# influence() of metafor for means and regressions, tests z and knha, and which studies it flags.
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

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
raudenbush <- dat.raudenbush1985
sets <- list(
  bcg = list(yi = bcg$yi, vi = bcg$vi, mods = cbind(dat.bcg$ablat, dat.bcg$year - 1960)),
  raudenbush1985 = list(yi = raudenbush$yi, vi = raudenbush$vi, mods = cbind(raudenbush$weeks)))
one <- function(set, method, test, with) {
  yi <- as.vector(set$yi); vi <- as.vector(set$vi)
  fit <- if (with) rma(yi, vi, mods = set$mods, method = method, test = test, control = tight)
    else rma(yi, vi, method = method, test = test, control = tight)
  f <- influence(fit)
  list(method = method, test = test, mods = with,
    rstudent = I(f$inf$rstudent), dffits = I(f$inf$dffits), cook_d = I(f$inf$cook.d), cov_r = I(f$inf$cov.r),
    tau2_del = I(f$inf$tau2.del), q_del = I(f$inf$QE.del), hat = I(f$inf$hat), weight = I(f$inf$weight),
    dfbs = lapply(unclass(f$dfbs)[seq_len(fit$p)], I), is_influential = I(f$is.infl))
}
runs <- list(c("REML", "z"), c("REML", "knha"), c("DL", "z"), c("DL", "knha"))
results <- lapply(sets, function(set) list(
  yi = I(as.vector(set$yi)), vi = I(as.vector(set$vi)),
  mods = lapply(seq_len(ncol(set$mods)), function(j) I(as.numeric(set$mods[, j]))),
  runs = unlist(lapply(c(FALSE, TRUE), function(with) lapply(runs, function(r) one(set, r[1], r[2], with))), recursive = FALSE)))
source <- list(r_version = paste(R.version$major, R.version$minor, sep = "."),
  metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
  command = "Rscript influence.R r_influence.json")
writeLines(json(list(source = source, sets = results)), out)
