import "reflect-metadata";
import "tsyringe";
