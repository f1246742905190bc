# Reference values for subsets and exact permutation tests, from R: Rscript resampling.R <out.json>
#
# gosh() and permutest(exact = TRUE) of metafor, on public data: nothing in them is random.
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
gibson <- escalc(measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
  data = dat.gibson2002)
gibson <- gibson[!is.na(gibson$yi), ]
few <- list(bcg = list(yi = as.vector(bcg$yi)[1:7], vi = bcg$vi[1:7]),
  gibson2002 = list(yi = as.vector(gibson$yi)[1:6], vi = gibson$vi[1:6]))

subsets <- function(set, method) {
  found <- gosh(rma(yi = set$yi, vi = set[["vi"]], method = method, control = tight), progbar = FALSE)
  code <- as.vector(found$incl %*% 2^(seq_along(set$yi) - 1))
  res <- as.data.frame(found$res)[order(code), ]
  list(method = method, k = I(res$k), q = I(res$QE), i2 = I(res$I2), tau2 = I(res$tau2),
    estimate = I(res$estimate))
}
gosh_sets <- lapply(few, function(set) c(list(yi = I(set$yi), vi = I(set$vi)),
  list(runs = lapply(c("EE", "DL", "HE", "SJ", "PM", "ML", "REML"), function(m) subsets(set, m)))))

permuted <- function(k, mods, method, test) {
  yi <- as.vector(bcg$yi)[seq_len(k)]; vi <- bcg$vi[seq_len(k)]
  fit <- if (is.null(mods)) rma(yi, vi, method = method, test = test, control = tight)
    else rma(yi, vi, mods = mods[seq_len(k), , drop = FALSE], method = method, test = test, control = tight)
  p <- permutest(fit, exact = TRUE, progbar = FALSE)
  list(yi = I(yi), vi = I(vi), method = method, test = test,
    mods = if (is.null(mods)) NULL else lapply(seq_len(ncol(mods)), function(j) I(as.numeric(mods[seq_len(k), j]))),
    arrangements = p$exact.iter, estimate = I(as.vector(fit$beta)), statistic = I(as.vector(fit$zval)),
    p_value = I(as.vector(p$pval)), qm = as.vector(fit$QM), qm_pvalue = as.vector(p$QMp))
}
latitude <- cbind(dat.bcg$ablat)
both <- cbind(dat.bcg$ablat, dat.bcg$year - 1960)
random <- cbind(as.numeric(dat.bcg$alloc == "random"))
permutation <- list(
  permuted(8, NULL, "REML", "z"), permuted(8, NULL, "REML", "knha"), permuted(8, NULL, "DL", "z"),
  permuted(8, NULL, "EE", "z"), permuted(13, NULL, "REML", "knha"),
  permuted(6, latitude, "REML", "z"), permuted(6, latitude, "REML", "knha"), permuted(6, latitude, "DL", "knha"),
  permuted(6, both, "REML", "z"), permuted(6, both, "EE", "z"),
  permuted(10, random, "REML", "knha"), permuted(10, random, "ML", "z"))

source <- list(r_version = paste(R.version$major, R.version$minor, sep = "."),
  metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
  command = "Rscript resampling.R r_resampling.json")
writeLines(json(list(source = source, gosh = gosh_sets, permutation = permutation)), out)
