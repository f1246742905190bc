# Cluster-robust covariances and their tests, from clubSandwich and metafor::robust.
#
# Usage: Rscript robust.R OUTPUT.json
#
# Variances between effects are held at round numbers, so that the working covariance matrix is
# the same to the last digit wherever it is made.
suppressPackageStartupMessages({library(metafor); library(clubSandwich)})
out <- commandArgs(trailingOnly = TRUE)[1]

# JSON with 17 significant digits, fewer where fewer read back to the same number
number <- function(x) ifelse(is.na(x), "null", sapply(x, function(v) {
  s <- sprintf("%.15g", v)
  if (is.na(v) || as.numeric(s) == v) s else sprintf("%.17g", v)
}))
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.matrix(x)) x <- lapply(seq_len(nrow(x)), function(i) I(unname(x[i, ])))
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0("\"", names(x), "\": ", parts, collapse = ",\n"), "}"))
  }
  text <- if (is.character(x)) paste0("\"", x, "\"") else number(unclass(x))
  if (length(x) == 1 && !inherits(x, "AsIs")) text else paste0("[", paste(text, collapse = ", "), "]")
}

types <- c("CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3")

one <- function(fit, cluster, rows, target = NULL, inverse = TRUE) {
  lapply(setNames(types, types), function(type) {
    args <- list(obj = fit, type = type, cluster = cluster)
    if (!is.null(target)) args$target <- target
    V <- do.call(vcovCR, args)
    s <- coef_test(fit, vcov = V, test = c("Satterthwaite"))
    w <- Wald_test(fit, constraints = constrain_zero(rows), vcov = V, test = "HTZ")
    list(coef = I(s$beta), se = I(s$SE), df = I(if (is.null(s$df)) s$df_Satt else s$df),
         p_value = I(if (is.null(s$p_Satt)) s$p_val else s$p_Satt),
         covariance = unname(as.matrix(V)[, , drop = FALSE]),
         f = w$Fstat, f_df = w$df_num, f_df2 = w$df_denom, f_pvalue = w$p_val)
  })
}

d <- dat.konstantopoulos2011; d$centred <- (d$year - 1990) / 10
nested <- rma.mv(yi, vi, mods = ~ centred, random = ~ 1 | district/school, data = d, sigma2 = c(0.065, 0.033))
a <- dat.assink2016
V <- vcalc(a$vi, cluster = a$study, obs = a$esid, rho = 0.6)
a$y <- a$year; a$p <- a$pubstatus
assink <- rma.mv(yi, V, mods = ~ y + p, random = ~ 1 | study/esid, data = a, sigma2 = c(0.15, 0.08))
mean_only <- rma.mv(yi, V, random = ~ 1 | study/esid, data = a, sigma2 = c(0.15, 0.08))
weighted <- lm(yi ~ centred, data = d, weights = 1 / vi)
uni <- rma(yi, vi, data = d, tau2 = 0.09)
plain <- robust(uni, cluster = d$district)
naive <- robust(uni, cluster = d$district, adjust = FALSE)
simple <- function(r) list(se = r$se, statistic = r$zval, p_value = r$pval, ci_lb = r$ci.lb, ci_ub = r$ci.ub)

cases <- list(
  konstantopoulos = one(nested, d$district, 1:2),
  assink = one(assink, a$study, 2:3),
  assink_mean = one(mean_only, a$study, 1),
  weighted = one(weighted, d$district, 1:2, target = d$vi + 0.1))
source <- list(command = "Rscript robust.R OUTPUT.json", r_version = R.version.string,
               metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
               clubSandwich = as.character(packageVersion("clubSandwich")),
               data = "dat.konstantopoulos2011, dat.assink2016 of metadat")
writeLines(json(list(source = source, cases = cases, pooled = list(CR1p = simple(plain), CR0 = simple(naive)))), out)
